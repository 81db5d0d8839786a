#!/bin/sh
outdir=${1:?usage: sh amazon_reviews_multi.sh FOLDER}
gft_fit --model H:bert-base-multilingual-cased \
    --data H:amazon_reviews_multi \
    --output_dir "$outdir" \
    --eqn 'classify: stars ~ review_title + review_body' \
    --num_train_epochs 3
