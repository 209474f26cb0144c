import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
clip = wan.animate(hero, dance, num_inference_steps=8)
copy = clip.save("hello.mp4")
marked = clip.save("for_the_class.mp4", label=True)  # bears the mark "AI-generated"
clip.title  # → "ada.png · hello.mp4"
