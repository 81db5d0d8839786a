#!/bin/sh
outdir=${1:?usage: sh squad.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data P:squad \
    --metric H:squad \
    --splits train_v1,dev_v1,dev_v1 \
    --output_dir "$outdir" \
    --eqn 'classify_spans: answers ~ question + context' \
    --per_device_train_batch_size 8 \
    --num_train_epochs 2
