#!/bin/sh
outdir=${1:?usage: sh imdb.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:imdb \
    --splits train,__select_from_train__,test \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 20
