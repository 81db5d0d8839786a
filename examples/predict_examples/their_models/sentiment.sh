#!/bin/sh
printf '%s\n' 'What a lovely day.' 'I want my money back.' |
gft_predict --model H:distilbert/distilbert-base-uncased-finetuned-sst-2-english
