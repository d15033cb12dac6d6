"""The kinds of data, and the places of a piece in a stream."""

STRING = 0
AUDIO = 1
IMAGE = 2
VIDEO = 3

DataText = 0
DataAudio = 1
DataImage = 2
DataVideo = 3
DataPer = 4

Types = {DataText: "text", DataAudio: "audio", DataImage: "image", DataVideo: "video"}

DataBegin = 0
DataContinue = 1
DataEnd = 2
DataOnce = 3
Once = DataOnce

Status = {DataBegin: "begin", DataContinue: "continue", DataEnd: "end", DataOnce: "once"}

THREAD_MODE = "thread"
PROCESS_MODE = "process"
