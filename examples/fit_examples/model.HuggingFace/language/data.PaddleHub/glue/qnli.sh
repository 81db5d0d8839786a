#!/bin/sh
outdir=${1:?usage: sh qnli.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data P:glue,qnli \
    --metric H:glue,qnli \
    --output_dir "$outdir" \
    --eqn 'classify: labels ~ sentence1 + sentence2' \
    --num_train_epochs 3
