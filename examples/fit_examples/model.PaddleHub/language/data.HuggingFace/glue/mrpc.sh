#!/bin/sh
outdir=${1:?usage: sh mrpc.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:glue,mrpc \
    --metric H:glue,mrpc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1 + sentence2' \
    --num_train_epochs 3
