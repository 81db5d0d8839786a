#!/bin/sh
printf '%s\n' 'Who wrote the notes?|The notes were written by Ada in 1843.' |
gft_predict --model H:distilbert/distilbert-base-cased-distilled-squad
