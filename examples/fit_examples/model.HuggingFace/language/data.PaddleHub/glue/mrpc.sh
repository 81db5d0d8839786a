#!/bin/sh
outdir=${1:?usage: sh mrpc.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data P:glue,mrpc \
    --metric H:glue,mrpc \
    --output_dir "$outdir" \
    --eqn 'classify: labels ~ sentence1 + sentence2' \
    --num_train_epochs 3
