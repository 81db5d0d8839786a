#!/bin/sh
outdir=${1:?usage: sh ernie-2.0-large-en.sh FOLDER}
gft_fit --model P:ernie-2.0-large-en \
    --data P:chnsenticorp \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --per_device_train_batch_size 24 \
    --learning_rate 1e-5 \
    --num_train_epochs 3
