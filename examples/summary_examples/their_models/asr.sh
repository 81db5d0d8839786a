#!/bin/sh
gft_summary --model H:facebook/wav2vec2-base-960h
