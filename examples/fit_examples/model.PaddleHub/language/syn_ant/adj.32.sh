#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh adj.32.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data "C:$gft/datasets/syn_ant/tag-adj-pairs" \
    --output_dir "$outdir/32" \
    --eqn 'classify: gold ~ word1 + word2' \
    --per_device_train_batch_size 32 \
    --per_device_eval_batch_size 32 \
    --num_train_epochs 10
