#!/bin/sh
gft_summary --model H:bhadresh-savani/distilbert-base-uncased-emotion \
    --data H:dair-ai/emotion
