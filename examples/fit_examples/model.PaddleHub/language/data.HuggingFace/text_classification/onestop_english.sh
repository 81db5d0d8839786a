#!/bin/sh
outdir=${1:?usage: sh onestop_english.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:onestop_english \
    --splits train,__select_from_train__,train \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 3
