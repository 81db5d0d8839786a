#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh case_restoration.yelp_review_full.sh FOLDER}
set -e
python3 "$gft/datasets/make_cased.py" --data H:yelp_review_full --splits train,__select_from_train__,test --text_field text --output_dir "$outdir/yelp_review_full" --overwrite_output_dir > /dev/null
gft_fit --model H:bert-base-uncased \
    --data "C:$outdir/yelp_review_full" \
    --output_dir "$outdir" \
    --eqn 'classify_tokens: case_labels ~ tokens' \
    --figure_of_merit overall_accuracy \
    --per_device_eval_batch_size 16 \
    --per_device_train_batch_size 16 \
    --num_train_epochs 10
