#!/bin/sh
outdir=${1:?usage: sh ernie-gen-large-en-430g.sh FOLDER}
gft_fit --model P:ernie-gen-large-en-430g \
    --data P:lcqmc \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ query+title' \
    --num_train_epochs 3
