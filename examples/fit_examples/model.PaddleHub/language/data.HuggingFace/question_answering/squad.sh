#!/bin/sh
outdir=${1:?usage: sh squad.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:squad \
    --metric H:squad \
    --splits train,validation,validation \
    --output_dir "$outdir" \
    --eqn 'classify_spans: answers ~ question + context' \
    --per_device_train_batch_size 8 \
    --num_train_epochs 2
