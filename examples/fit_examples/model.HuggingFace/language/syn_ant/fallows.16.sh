#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh fallows.16.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data "C:$gft/datasets/syn_ant/tag-fallows-pairs" \
    --output_dir "$outdir/16" \
    --eqn 'classify: gold ~ word1 + word2' \
    --per_device_train_batch_size 16 \
    --per_device_eval_batch_size 16 \
    --num_train_epochs 10
