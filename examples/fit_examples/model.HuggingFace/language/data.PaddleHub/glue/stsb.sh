#!/bin/sh
outdir=${1:?usage: sh stsb.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data P:glue,sts-b \
    --metric H:glue,stsb \
    --output_dir "$outdir" \
    --eqn 'regress: labels ~ sentence1 + sentence2' \
    --figure_of_merit pearson \
    --num_train_epochs 3
