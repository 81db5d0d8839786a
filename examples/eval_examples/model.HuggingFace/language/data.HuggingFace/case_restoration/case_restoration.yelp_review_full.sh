#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_eval --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/case_restoration/case_restoration.yelp_review_full/ckpt" \
    --data "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/case_restoration/case_restoration.yelp_review_full/ckpt/yelp_review_full"
