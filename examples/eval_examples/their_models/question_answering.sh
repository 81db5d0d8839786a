#!/bin/sh
gft_eval --model H:distilbert/distilbert-base-cased-distilled-squad \
    --data H:squad \
    --metric H:squad \
    --split validation \
    --eqn 'classify_spans: answers ~ question + context'
