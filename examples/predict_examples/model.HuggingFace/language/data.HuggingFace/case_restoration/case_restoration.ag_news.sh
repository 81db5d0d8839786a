#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_predict --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/case_restoration/case_restoration.ag_news/ckpt" \
    --data "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/case_restoration/case_restoration.ag_news/ckpt/ag_news"
