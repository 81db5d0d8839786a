#!/bin/sh
outdir=${1:?usage: sh banking77.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:banking77 \
    --splits train,__select_from_train__,test \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 10
