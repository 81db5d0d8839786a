#!/bin/sh
outdir=${1:?usage: sh qnli.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:glue,qnli \
    --metric H:glue,qnli \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ question + sentence' \
    --num_train_epochs 3
