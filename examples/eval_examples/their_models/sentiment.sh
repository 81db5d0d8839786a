#!/bin/sh
gft_eval --model H:distilbert/distilbert-base-uncased-finetuned-sst-2-english \
    --data H:glue,sst2 \
    --metric H:glue,sst2 \
    --split validation \
    --eqn 'classify: label ~ sentence'
