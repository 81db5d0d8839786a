#!/bin/sh
outdir=${1:?usage: sh mnli_matched.sh FOLDER}
gft_fit --model H:bert-base-cased \
    --data H:glue,mnli \
    --metric H:glue,mnli \
    --splits train,validation_matched,test_matched \
    --output_dir "$outdir" \
    --eqn 'classify: label ~ premise + hypothesis' \
    --num_train_epochs 3
