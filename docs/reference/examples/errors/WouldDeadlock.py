import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=8)


async def path_of_the_clip():
    clip = await run  # run.result() would block the very loop that it waits for
    return clip.path


await path_of_the_clip() == run.result().path  # → True
