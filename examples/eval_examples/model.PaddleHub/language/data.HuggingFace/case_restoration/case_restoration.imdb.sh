#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/case_restoration/case_restoration.imdb/ckpt" \
    --data "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/case_restoration/case_restoration.imdb/ckpt/imdb"
