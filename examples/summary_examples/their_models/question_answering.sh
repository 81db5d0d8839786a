#!/bin/sh
gft_summary --model H:distilbert/distilbert-base-cased-distilled-squad \
    --data H:squad
