#!/bin/sh
outdir=${1:?usage: sh setfit_amazon_polarity.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:SetFit/amazon_polarity \
    --splits train,__select_from_train__,test \
    --output_dir "$outdir" \
    --eqn 'classify: label_text ~ title + text' \
    --num_train_epochs 3
