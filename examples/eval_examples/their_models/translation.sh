#!/bin/sh
: "${datasets:?the folder of the data sets, gft/datasets}"
gft_eval --model H:google-t5/t5-small \
    --data "C:$datasets/en_de/en_de" \
    --split test \
    --eqn 'translation: german ~ english' \
    --source_prefix 'translate English to German: '
