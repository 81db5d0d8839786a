#!/bin/sh
outdir=${1:?usage: sh skep_ernie_2.0_large_en.sh FOLDER}
gft_fit --model P:skep_ernie_2.0_large_en \
    --data P:lcqmc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ query+title' \
    --num_train_epochs 3
