#!/bin/sh
outdir=${1:?usage: sh ernie-gram-zh.sh FOLDER}
gft_fit --model P:ernie-gram-zh \
    --data P:chnsenticorp \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --per_device_train_batch_size 24 \
    --learning_rate 5e-5 \
    --num_train_epochs 3
