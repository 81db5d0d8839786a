#!/bin/sh
outdir=${1:?usage: sh skep_ernie_2.0_large_en.sh FOLDER}
gft_fit --model P:skep_ernie_2.0_large_en \
    --data P:paws-x \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ sentence1+sentence2' \
    --num_train_epochs 3
