#!/bin/sh
outdir=${1:?usage: sh imdb.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:imdb \
    --splits train,__select_from_train__,test \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --max_length 512 \
    --num_train_epochs 3
