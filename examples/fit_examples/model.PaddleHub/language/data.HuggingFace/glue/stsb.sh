#!/bin/sh
outdir=${1:?usage: sh stsb.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:glue,stsb \
    --metric H:glue,stsb \
    --output_dir "$outdir" \
    --eqn 'regress: label ~ sentence1 + sentence2' \
    --figure_of_merit pearson \
    --num_train_epochs 3
