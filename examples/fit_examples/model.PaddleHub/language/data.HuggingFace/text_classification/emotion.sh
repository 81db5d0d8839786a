#!/bin/sh
outdir=${1:?usage: sh emotion.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:dair-ai/emotion \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --num_train_epochs 3
