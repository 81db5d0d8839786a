#!/bin/sh
: "${gft_checkpoints:?the folder that the fit programs left their results in}"
gft_summary --model "C:$gft_checkpoints/model.PaddleHub/language/data.HuggingFace/text_classification/tweet_eval/tweet_eval_stance_hillary/ckpt"
