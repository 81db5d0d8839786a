#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_summary --model "C:$gft_checkpoints/model.HuggingFace/language/data.HuggingFace/sentiment/amazon_reviews_multi/ckpt"
