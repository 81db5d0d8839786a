#!/bin/sh
outdir=${1:?usage: sh squad_v2.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:squad_v2 \
    --metric H:squad_v2 \
    --splits train,validation,validation \
    --output_dir "$outdir" \
    --eqn 'classify_spans: answers ~ question + context' \
    --per_device_train_batch_size 8 \
    --num_train_epochs 2
