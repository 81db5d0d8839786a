#!/bin/sh
printf '%s\n' 'The old stones lie in the river.' |
gft_predict --model H:vblagoje/bert-english-uncased-finetuned-pos
