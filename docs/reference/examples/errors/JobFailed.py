import wan_notebook as wan

try:
    wan.animate(wan.samples.character(), "http://127.0.0.1:9/dance.mp4", num_inference_steps=8)
except wan.errors.JobFailed as error:
    caught = error
caught.job.status  # → "error"
