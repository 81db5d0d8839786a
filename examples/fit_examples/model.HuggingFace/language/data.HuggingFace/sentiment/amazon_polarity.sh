#!/bin/sh
outdir=${1:?usage: sh amazon_polarity.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:amazon_polarity \
    --splits train,__select_from_train__,test \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ title + content' \
    --num_train_epochs 20
