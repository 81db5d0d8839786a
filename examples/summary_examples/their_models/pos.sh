#!/bin/sh
gft_summary --model H:vblagoje/bert-english-uncased-finetuned-pos
