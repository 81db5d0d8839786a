#!/bin/sh
outdir=${1:?usage: sh poem_sentiment.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:poem_sentiment \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ verse_text' \
    --num_train_epochs 3
