#!/bin/sh
: "${gft:?the folder of gft's repository}"
outdir=${1:?usage: sh case_restoration.imdb.sh FOLDER}
set -e
python3 "$gft/datasets/make_cased.py" --data H:imdb --splits train,__select_from_train__,test --text_field text --output_dir "$outdir/imdb" --overwrite_output_dir > /dev/null
gft_fit --model H:bert-base-uncased \
    --data "C:$outdir/imdb" \
    --output_dir "$outdir" \
    --eqn 'classify_tokens: case_labels ~ tokens' \
    --figure_of_merit overall_accuracy \
    --num_train_epochs 10
