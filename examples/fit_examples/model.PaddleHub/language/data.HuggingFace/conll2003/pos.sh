#!/bin/sh
outdir=${1:?usage: sh pos.sh FOLDER}
gft_fit --model P:bert-base-cased \
    --data H:conll2003 \
    --output_dir "$outdir" \
    --eqn 'classify_tokens: pos_tags ~ tokens' \
    --figure_of_merit overall_accuracy \
    --is_split_into_words \
    --num_train_epochs 20
