#!/bin/sh
gft_summary --model H:distilbert/distilbert-base-uncased-finetuned-sst-2-english \
    --data H:glue,sst2
