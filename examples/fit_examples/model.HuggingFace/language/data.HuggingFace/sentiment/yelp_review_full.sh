#!/bin/sh
outdir=${1:?usage: sh yelp_review_full.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:yelp_review_full \
    --splits train,__select_from_train__,test \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ text' \
    --per_device_eval_batch_size 32 \
    --per_device_train_batch_size 32 \
    --num_train_epochs 10
