using OrleansAlign.Models.Tokenizers;

namespace OrleansAlign.Core.Tests.Policies;

/// <summary>Chat templates that frame turns as published families do, with what is peculiar to each.</summary>
/// <param name="Name">The family.</param>
/// <param name="ControlTokens">Its control tokens.</param>
/// <param name="Eos">The tokenizer's end-of-text token, which need not be the template's end of turn.</param>
/// <param name="EndOfTurn">What ends an assistant's turn.</param>
/// <param name="Template">The template.</param>
internal sealed record TemplateStyle(string Name, string[] ControlTokens, string Eos, string EndOfTurn, string Template)
{
    /// <summary>Whether the template takes a system turn.</summary>
    public bool TakesSystem { get; init; } = true;

    /// <summary>Writes a tokenizer with this template into a folder.</summary>
    public void Write(string folder) => BpeTrainer.Train(
        ["the quick brown fox jumps over the lazy dog", "user assistant system model"],
        new BpeTrainerOptions { VocabularySize = 330, SpecialTokens = ControlTokens, EosToken = Eos, ChatTemplate = Template }).Save(folder);

    public static readonly IReadOnlyDictionary<string, TemplateStyle> All = new TemplateStyle[]
    {
        // A blank before and after each answer; the system text stands within the first user turn.
        new("llama-2", ["<s>", "</s>", "<unk>"], "</s>", "</s>",
            "{% if messages[0].role == 'system' %}{% set system = '<<SYS>>\\n' + messages[0].content + '\\n<</SYS>>\\n\\n' %}{% set turns = messages[1:] %}"
            + "{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}{% for m in turns %}{% if m.role == 'user' %}"
            + "{{ bos_token or '<s>' }}[INST] {{ (system if loop.first else '') + m.content.strip() }} [/INST]"
            + "{% else %} {{ m.content.strip() }} </s>{% endif %}{% endfor %}"),
        new("llama-3", ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|end_of_text|>"], "<|end_of_text|>", "<|eot_id|>",
            "<|begin_of_text|>{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>{% endfor %}"
            + "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"),
        new("mistral", ["<s>", "</s>", "[INST]", "[/INST]"], "</s>", "</s>",
            "<s>{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }}[/INST]{% else %} {{ m.content | trim }}</s>{% endif %}{% endfor %}")
        {
            TakesSystem = false,
        },
        new("qwen-2.5", ["<|im_start|>", "<|im_end|>", "<|endoftext|>"], "<|endoftext|>", "<|im_end|>",
            "{% if messages[0].role != 'system' %}<|im_start|>system\nYou help.<|im_end|>\n{% endif %}"
            + "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"),

        // The last answer gets its thought, empty if there is none; earlier answers lose theirs.
        new("qwen-3", ["<|im_start|>", "<|im_end|>", "<think>", "</think>"], "<|im_end|>", "<|im_end|>",
            "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{% set said = m.content.split('</think>')[-1].lstrip('\\n') %}"
            + "{% if loop.last %}<think>\n{% if '</think>' in m.content %}"
            + "{{ m.content.split('</think>')[0].split('<think>')[-1].strip('\\n') }}{% endif %}{{ '\\n</think>\\n\\n' }}{% endif %}{{ said }}"
            + "{% else %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is defined and not enable_thinking %}"
            + "{{ '<think>\\n\\n</think>\\n\\n' }}"
            + "{% endif %}{% endif %}"),
        new("gemma-3", ["<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"], "<eos>", "<end_of_turn>",
            "<bos>{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
            + "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}")
        {
            TakesSystem = false,
        },

        // The opened turn begins with a thought that a finished turn does not have.
        new("deepseek-r1", ["<|bos|>", "<|eos|>", "<|User|>", "<|Assistant|>", "<think>", "</think>"], "<|eos|>", "<|eos|>",
            "<|bos|>{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}{% elif m.role == 'user' %}<|User|>{{ m.content }}"
            + "{% else %}<|Assistant|>{{ m.content.split('</think>')[-1] }}<|eos|>{% endif %}{% endfor %}"
            + "{% if add_generation_prompt %}<|Assistant|><think>\n{% endif %}"),
        new("zephyr", ["<s>", "</s>", "<|user|>", "<|system|>", "<|assistant|>"], "</s>", "</s>",
            "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}</s>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}"),

        // Frames without control tokens: nothing in the template ends a turn.
        new("plain", ["<s>", "</s>"], "</s>", "",
            "{% for m in messages %}### {{ m.role }}:\n{{ m.content }}\n\n{% endfor %}{% if add_generation_prompt %}### assistant:\n{% endif %}"),
    }.ToDictionary(style => style.Name);
}
