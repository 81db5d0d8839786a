#!/bin/sh
outdir=${1:?usage: sh skep_ernie_1.0_large_ch.sh FOLDER}
gft_fit --model P:skep_ernie_1.0_large_ch \
    --data P:bq_corpus \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1+sentence2' \
    --num_train_epochs 3
