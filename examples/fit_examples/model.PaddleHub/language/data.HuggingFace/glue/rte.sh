#!/bin/sh
outdir=${1:?usage: sh rte.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:glue,rte \
    --metric H:glue,rte \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1 + sentence2' \
    --num_train_epochs 3
