#!/bin/sh
outdir=${1:?usage: sh ethos.sh FOLDER}
gft_fit --model H:bert-base-uncased \
    --data H:ethos,binary \
    --splits train,__select_from_train__,train \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 3
