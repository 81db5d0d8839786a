#!/bin/sh
printf '%s\n' 'I did not see that coming!' 'Leave me alone.' |
gft_predict --model H:bhadresh-savani/distilbert-base-uncased-emotion
