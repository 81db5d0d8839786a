#!/bin/sh
outdir=${1:?usage: sh rte.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data P:glue,rte \
    --metric H:glue,rte \
    --output_dir "$outdir" \
    --eqn 'classify: labels ~ sentence1 + sentence2' \
    --num_train_epochs 3
